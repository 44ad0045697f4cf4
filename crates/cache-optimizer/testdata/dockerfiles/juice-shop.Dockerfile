FROM node:9 as installer
COPY . /juice-shop
WORKDIR /juice-shop
RUN npm install --production --unsafe-perm

FROM node:9-alpine
ARG VCS_REF
LABEL org.label-schema.vcs-ref=$VCS_REF
COPY --from=installer /juice-shop .
CMD ["npm", "start"]
